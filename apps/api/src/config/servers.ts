import { z } from 'zod';
import { flag, host, integer, MAP, name, secret, text } from './leaves.ts';

const pem = (what: string) => text(`the path of a PEM file with ${what}, or the PEM text itself`).optional();

const tls = z.strictObject(
  {
    ca: pem('the certificate authority'),
    cert: pem("the client's certificate"),
    key: pem("the client's key"),
    verifyIdentity: flag().prefault(true),
    serverName: host().optional(),
  },
  MAP,
);

const COMMAND = 'a list: a program that prints the password, and its arguments';

const server = {
  // One of these two.
  host: host().optional(),
  socket: text("the path of the server's unix socket").optional(),
  port: integer(1, 65535).prefault(3306),
  user: text('the name of the account'),
  // Exactly one of these three.
  password: secret(z.string('the password, as text in quotes')).optional(),
  passwordFile: text('the path of a file that holds the password').optional(),
  passwordCommand: z.array(text(COMMAND), COMMAND).min(1, COMMAND).optional(),
  tls: z
    .union([flag(), tls], 'true, false, or a map with ca, cert, key, verifyIdentity and serverName')
    .prefault(false),
  serverPublicKey: pem("the server's public key"),
};

const SERVER = 'a server: host or socket, port, user, password, passwordFile or passwordCommand';

export const serverSection = z.strictObject(server, SERVER);

/** Written out inside a pair. Its name, where none is given, is `host:port`, or that of its socket. */
export const inlineServer = z.strictObject({ name: name().optional(), ...server }, SERVER);

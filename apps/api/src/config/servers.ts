import { z } from 'zod';
import { flag, host, integer, MAP, name, secret, text } from './leaves.ts';

const pem = (what: string) => text(`the path of a PEM file with ${what}, or the PEM text itself`).optional();

const tls = z.strictObject(
  {
    ca: pem('the certificate authority'),
    cert: pem("the client's certificate"),
    key: pem("the client's key"),
    verifyIdentity: flag().prefault(true),
  },
  MAP,
);

const server = {
  host: host(),
  port: integer(1, 65535).prefault(3306),
  user: text('the name of the account'),
  // Exactly one of these two.
  password: secret(z.string('the password, as text in quotes')).optional(),
  passwordFile: text('the path of a file that holds the password').optional(),
  tls: z.union([flag(), tls], 'true, false, or a map with ca, cert, key and verifyIdentity').prefault(false),
  serverPublicKey: pem("the server's public key"),
};

const SERVER = 'a server: host, port, user, password or passwordFile';

export const serverSection = z.strictObject(server, SERVER);

/** Written out inside a pair. Its name, where none is given, is `host:port`. */
export const inlineServer = z.strictObject({ name: name().optional(), ...server }, SERVER);

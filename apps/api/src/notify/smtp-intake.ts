import SMTPConnection from 'nodemailer/lib/smtp-connection';

/** All that a mail server may say about one mail, in bytes: a line or two to each of ours. */
const most = 256 * 1024;

/** What this needs of the library, which has no name for it outside. */
interface Inside {
  _onData: (this: Inside, chunk: Buffer) => void;
  _onResponseTooLarge: (this: Inside) => void;
}

/**
 * Has no mail server say more than that. The library bounds each answer, and not how many there are: empty lines, which
 * answer nothing, it would keep as fast as they come, and pass over one in a turn.
 */
export function boundIntake(): void {
  const heard = new WeakMap<Inside, number>();
  const inside = SMTPConnection.prototype as unknown as Inside;
  const { _onData: hear } = inside;
  inside._onData = function (chunk) {
    const bytes = (heard.get(this) ?? 0) + chunk.length;
    heard.set(this, bytes);
    if (bytes <= most) hear.call(this, chunk);
    else this._onResponseTooLarge();
  };
}

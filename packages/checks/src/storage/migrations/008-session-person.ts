/** Somebody who signed in without a token is not known by its name. */
export const sessionPerson = 'ALTER TABLE session ADD COLUMN person TEXT;';

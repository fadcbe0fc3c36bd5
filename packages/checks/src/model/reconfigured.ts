/** What a configuration that was taken up while the program runs made of the one before. */
export interface Reconfigured {
  at: Date;
  /** Who asked for it. */
  by: string;
  pairs: NamesChanged;
  servers: NamesChanged;
  /** Settings that go on as they were until the program is started again, e.g. `http.port`. */
  needsRestart: string[];
}

export interface NamesChanged {
  added: string[];
  removed: string[];
  /** Begun anew with what is set now. */
  changed: string[];
  /** How many go on as they were. */
  unchanged: number;
}

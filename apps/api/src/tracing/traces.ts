import type { Run } from '@lockstep/checks';

/** One attempt to bring a message to a destination. Times here are milliseconds since 1970. */
export interface Attempt {
  destination: string;
  /** The key of the message. */
  message: string;
  alerts: number;
  /** 1 for the first. */
  attempt: number;
  began: number;
  ended: number;
  /** Null where it was accepted. */
  error: string | null;
}

/** One HTTP request. */
export interface Served {
  method: string;
  /** As it is written in the program, such as `/graphql/stream/:id`: of few words. */
  route: string;
  status: number;
  began: number;
  ended: number;
  /** W3C's `traceparent` of who asked. */
  traceparent: string | undefined;
}

/** Takes down what came to its end, for whoever looks at it elsewhere. */
export interface Traces {
  ran: (run: Run) => void;
  attempted: (attempt: Attempt) => void;
  served: (request: Served) => void;
  /** Sends what is left. */
  stop: () => Promise<void>;
}

// Imported for its effect, before anything else is: what Node 22 lacks of the language.
import { AsyncDisposableStack, DisposableStack } from '@whatwg-node/disposablestack';

globalThis.DisposableStack ??= DisposableStack;
globalThis.AsyncDisposableStack ??= AsyncDisposableStack;

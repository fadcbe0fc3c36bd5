/** A WebSocket, or what `instead` gives in its stead, each time one is made. */
export function socketOr(instead: () => object | null): typeof WebSocket {
  return new Proxy(WebSocket, {
    construct: (target, args) =>
      instead() ?? (Reflect.construct(target, args) as InstanceType<typeof WebSocket>),
  });
}

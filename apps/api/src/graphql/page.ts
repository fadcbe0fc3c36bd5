import type { Page, PageRequest } from '@lockstep/checks';
import { builder, type ObjectOf } from './builder.ts';

/** Items on a page at most, where a list does not say otherwise. */
export const maxPage = 200;

/** A page of a list as GraphQL shows it, by Relay's specification of cursor connections. */
interface Connection<Node> {
  edges: { cursor: string; node: Node }[];
  pageInfo: {
    hasNextPage: boolean;
    hasPreviousPage: boolean;
    startCursor: string | null;
    endCursor: string | null;
  };
  totalCount: number;
}

/** A cursor connection over the engine's pages, named `<node>Connection`. */
export function connection<Node>(node: ObjectOf<Node>, description: string): ObjectOf<Connection<Node>> {
  return builder.connectionObject(
    {
      name: `${node.name}Connection`,
      type: node,
      description,
      fields: (t) => ({
        totalCount: t.int({
          description: 'Items in the whole list.',
          resolve: (page) => (page as unknown as Connection<Node>).totalCount,
        }),
      }),
    },
    { name: `${node.name}Edge`, description: 'An item of a list, and its place there.' },
  ) as unknown as ObjectOf<Connection<Node>>;
}

interface PageArgs {
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}

/** How a list is cut into pages: the arguments of its connection, and what answers them. */
export function paging(otherwise: number, most = maxPage) {
  const inBounds = (items: number) => Math.min(Math.max(items, 1), most);
  return {
    args: builder.args((t) => ({
      first: t.int({
        description: `Items on the page, from the start of the list: 1 to ${most}; a number beyond is taken as the nearest of these. It is ${otherwise} where neither this nor \`last\` is given.`,
        extensions: { otherwise },
      }),
      after: t.string({
        description: 'Only what comes after the item of this cursor: `endCursor` of the page before.',
      }),
      last: t.int({
        description: 'Items on the page, from the end; where `first` is given as well, the last of those.',
      }),
      before: t.string({
        description: 'Only what comes before the item of this cursor: `startCursor` of the page after.',
      }),
    })),

    page<Node>(
      { first, after, last, before }: PageArgs,
      read: (request: PageRequest) => Page<Node>,
    ): Connection<Node> {
      const fromEnd = first == null && last != null;
      const limit = inBounds(first ?? last ?? otherwise);
      const page = read({ limit, cursor: after ?? null, before: before ?? null, fromEnd });
      const edges = page.items.map((node, i) => ({ cursor: page.cursors[i] ?? '', node }));
      const left = last == null ? edges : edges.slice(-inBounds(last));
      const cut = left.length < edges.length;
      return {
        edges: left,
        pageInfo: {
          hasNextPage: page.nextCursor !== null,
          hasPreviousPage: page.hasPrevious || cut,
          startCursor: (cut ? null : page.previousCursor) ?? left[0]?.cursor ?? null,
          endCursor: page.nextCursor ?? left.at(-1)?.cursor ?? null,
        },
        totalCount: page.total,
      };
    },
  };
}

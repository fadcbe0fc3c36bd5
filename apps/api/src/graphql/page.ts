import type { Page, PageRequest } from '@lockstep/checks';
import { builder, type ObjectOf } from './builder.ts';

/** Items on a page at most, where a list does not say otherwise. */
export const maxPage = 200;

const PageInfo = builder.objectRef<Page<unknown>>('PageInfo').implement({
  description: 'Where a page of a list ends.',
  fields: (t) => ({
    hasNextPage: t.boolean({
      description: 'More items follow.',
      resolve: (page) => page.nextCursor !== null,
    }),
    endCursor: t.string({
      nullable: true,
      description: 'Give it as `after` to get the next page; null at the end of the list.',
      resolve: (page) => page.nextCursor,
    }),
  }),
});

/** A cursor connection over the engine's pages, named `<node>Connection`. */
export function connection<Node>(node: ObjectOf<Node>, description: string) {
  return builder.objectRef<Page<Node>>(`${node.name}Connection`).implement({
    description,
    fields: (t) => ({
      nodes: t.field({
        type: [node],
        description: 'The items of this page.',
        resolve: (page) => page.items as never,
      }),
      pageInfo: t.field({
        type: PageInfo,
        description: 'Whether more follow, and how to get them.',
        resolve: (page) => page,
      }),
      totalCount: t.int({ description: 'Items in the whole list.', resolve: (page) => page.total }),
    }),
  });
}

/** The arguments of every connection. */
export const pageArgs = (first: number, most = maxPage) =>
  builder.args((t) => ({
    first: t.int({
      required: true,
      defaultValue: first,
      description: `Items on the page, 1 to ${most}; a number beyond is taken as the nearest of these.`,
    }),
    after: t.string({ description: 'The `endCursor` of the page before; none for the first page.' }),
  }));

export function pageRequest(
  args: { first: number; after?: string | null | undefined },
  most = maxPage,
): PageRequest {
  return { limit: Math.min(Math.max(args.first, 1), most), cursor: args.after ?? null };
}

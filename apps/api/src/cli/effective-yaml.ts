import { Document, isNode } from 'yaml';
import type { ConfigValue } from '../config/index.ts';

/** Settings as a file would hold them, each with a comment that names its origin. */
export function effectiveYaml(values: readonly ConfigValue[]): string {
  const document = new Document({});
  for (const { place, content, origin, originName } of values) {
    const node = document.createNode(content, { flow: true });
    if (isNode(node)) node.comment = ` ${originName ?? origin}`;
    document.setIn(place, node);
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

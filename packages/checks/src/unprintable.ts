/**
 * What has no look of its own where a text is shown: control characters and ends of lines, what turns the direction of
 * writing around, what takes no room. What joins or varies the sign before it is left, but not behind ASCII's letters.
 */
export const unprintable =
  /(?!(?<=[^a-z_. ])(?:\u200c|\u200d|[\ufe00-\ufe0f]|[\u{e0100}-\u{e01ef}]))(?:\p{Cc}|\p{DI}|[\u2028\u2029\ufff9-\ufffb])/giu;

import type { Mutation } from './mutation.ts';

export interface Score {
  room: string;
  percent: number;
  sentence: string;
}

/** How many of each room's mutations died. Those that change nothing that anybody can see are not counted. */
export function scores(
  rooms: string[],
  all: Mutation[],
  living: Mutation[],
  equivalent: Mutation[],
): Score[] {
  return rooms.flatMap((room) => {
    const count = (mutations: Mutation[]) =>
      mutations.filter(({ file }) => file.startsWith(`${room}/`)).length;
    const [left, none] = [count(living), count(equivalent)];
    const mutations = count(all) - none;
    if (mutations === 0) return [];
    const percent = (100 * (mutations - left)) / mutations;
    const sentence = `${mutations - left} of ${mutations} died (${percent.toFixed(1)} %), ${none} more are equivalent`;
    return [{ room, percent, sentence }];
  });
}

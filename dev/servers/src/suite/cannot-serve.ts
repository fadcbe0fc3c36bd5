/** How every message begins that says what the machine has too little of. */
const beginning = 'This machine cannot serve: ';

export function cannotServe(why: string): string {
  return `${beginning}${why}`;
}

/** That line of a longer message; null when there is none. */
export function cannotServeLine(message: string): string | null {
  return new RegExp(`${beginning}.*`).exec(message)?.[0] ?? null;
}

/** What a program's last words tell of the machine; null when they tell of something else. */
export function shortage(words: string): string | null {
  if (/no space left on device|\bENOSPC\b|errno: 28\b|disk is full/i.test(words)) {
    return 'no disk space is left';
  }
  if (/cannot allocate memory|out of memory|\bENOMEM\b|errno: 12\b/i.test(words)) return 'no memory is left';
  if (/too many open files|\bEMFILE\b|\bENFILE\b|errno: 24\b/i.test(words)) {
    return 'no more files may be opened';
  }
  return null;
}

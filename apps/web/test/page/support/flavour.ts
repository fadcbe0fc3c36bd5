import { flavours } from '@lockstep/servers/vitest';

/** The page knows no flavours: what this machine has is as good as the other. */
export const [flavour = 'mariadb'] = flavours;

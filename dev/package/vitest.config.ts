import { laneTests } from '@lockstep/servers/lanes';
import { patientTests } from '@lockstep/servers/patience';
import { defineConfig } from 'vitest/config';

export default defineConfig({ test: { ...laneTests(), ...patientTests } });

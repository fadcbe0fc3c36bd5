import { defineConfig } from 'vitest/config';
import { laneTests } from './src/lanes.ts';
import { patientTests } from './src/patience.ts';

export default defineConfig({ test: { ...laneTests(), ...patientTests } });

import './older-node.ts';
import '../../../apps/api/src/cli.ts';

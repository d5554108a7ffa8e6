import { runService } from '@orion/platform/lifecycle';
import { readGatewayConfig } from './config.js';
import { startFromConfig } from './start.js';

await runService(() => startFromConfig(readGatewayConfig()));

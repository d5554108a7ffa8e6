import path from 'node:path';
import { describeHolder, findFreeBlock, isBlockedPort, isPortFree, portHolder } from '../ports/index.js';
import type { PortHolder } from '../ports/index.js';
import { parentOf } from '../process-info/index.js';
import { Problem } from '../problem/index.js';

/** Throws a Problem that says who has which port, and the command that uses free ones. */
export async function requireFreePorts(
  ports: Readonly<Record<string, number>>,
  { root }: { readonly root: string },
): Promise<void> {
  const taken: { readonly name: string; readonly port: number; readonly holder: PortHolder | null }[] = [];
  for (const [name, port] of Object.entries(ports)) {
    if (!(await isPortFree(port))) taken.push({ name, port, holder: await portHolder(port) });
  }
  const blocked = Object.entries(ports).find(([, port]) => isBlockedPort(port));
  if (taken.length === 0 && blocked === undefined) return;
  const gatewayPort = ports['gateway'] ?? 0;
  const offsets = Object.values(ports).map((port) => port - gatewayPort);
  const free = await findFreeBlock(gatewayPort + 10, { offsets });
  if (blocked !== undefined) {
    throw new Problem(`Browsers and other HTTP clients refuse to talk to port ${blocked[1]} (${blocked[0]}).`, {
      advice: [`Use other ports: npm start -- --port ${free}`],
    });
  }
  const ours = taken.find(
    ({ name, holder }) =>
      name === 'gateway' && holder?.command?.includes(path.join(root, 'gateway', 'dist', 'main.js')) === true,
  );
  if (ours !== undefined) {
    const launcher = ours.holder === null ? null : await parentOf(ours.holder.pid);
    throw new Problem(`ORION is running here already: http://localhost:${ours.port}`, {
      advice: [
        `Stop it with Ctrl-C where it was started${launcher === null ? '' : `, or with: kill ${launcher}`}`,
        `Or start another one beside it: ORION_DATA_DIR=.orion-${free} npm start -- --port ${free}`,
      ],
    });
  }
  throw new Problem(
    taken.map(({ name, port, holder }) => `port ${port} (${name}) is taken by ${describeHolder(holder)}`).join('; '),
    {
      advice: [
        `Use free ports: npm start -- --port ${free}`,
        ...taken.flatMap(({ holder }) => (holder === null ? [] : [`Or end that process: kill ${holder.pid}`])),
      ],
    },
  );
}

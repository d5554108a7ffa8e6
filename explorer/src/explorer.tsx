import { explorerPlugin } from '@graphiql/plugin-explorer';
import type { Fetcher } from '@graphiql/toolkit';
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import { createEventLog } from './event-log.js';
import { eventLogPlugin } from './event-log-panel.js';
import { exampleTabs } from './example-tabs.js';
import { createFetcher } from './fetcher.js';
import type { DemoAccount } from './demo.js';
import { createIdentity } from './identity.js';
import { IdentityMenu } from './identity-menu.js';
import { createLiveOperations } from './live-operations.js';
import { createStore } from './store.js';
import { TransportSwitch } from './transport-switch.js';
import type { Transport } from './transports.js';

/** Everything that lives as long as the page. */
export function createExplorer(accounts: readonly DemoAccount[]) {
  const transport = createStore<Transport>('WebSocket');
  const identity = createIdentity(accounts);
  const log = createEventLog();
  const live = createLiveOperations(log);
  const fetcher: Fetcher = createFetcher({ identity, transport, live });
  const plugins = [HISTORY_PLUGIN, explorerPlugin(), eventLogPlugin({ log, live })];
  const tabs = exampleTabs(accounts);
  return function Explorer() {
    return (
      <GraphiQL
        fetcher={fetcher}
        plugins={plugins}
        defaultTabs={tabs}
        defaultEditorToolsVisibility="variables"
        onTabChange={({ tabs: open, activeTabIndex }) =>
          live.tabsChanged({ active: open[activeTabIndex]?.id, ids: open.map(({ id }) => id) })
        }
      >
        <GraphiQL.Logo>
          <div className="orion-bar">
            <TransportSwitch transport={transport} />
            <IdentityMenu identity={identity} />
            <a className="orion-brand" href="/">
              <img src="./orion.svg" alt="" width="22" height="22" />
              ORION
            </a>
          </div>
        </GraphiQL.Logo>
      </GraphiQL>
    );
  };
}

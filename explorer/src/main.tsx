import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import '@graphiql/plugin-explorer/style.css';
import './explorer.css';
import { createRoot } from 'react-dom/client';
import { loadDemoAccounts } from './demo.js';
import { createExplorer } from './explorer.js';

const root = document.getElementById('root');
if (root === null) throw new Error('the page has lost its root element');
const Explorer = createExplorer(await loadDemoAccounts());
createRoot(root).render(<Explorer />);

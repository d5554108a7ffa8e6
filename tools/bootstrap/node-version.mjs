// Syntax and modules that Node 12 knows: see start.mjs.
import fs from 'fs';
import { URL } from 'url';

/** Whether this Node satisfies `engines.node` of package.json; when not, says so in one line and sets exit code 1. */
export function nodeIsSupported() {
  const manifest = JSON.parse(fs.readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const range = manifest.engines.node;
  if (satisfies(process.versions.node, range)) return true;
  process.stderr.write(
    'ORION needs Node ' + range + '; this is ' + process.versions.node + ' (' + process.execPath + ').\n',
  );
  process.exitCode = 1;
  return false;
}

/** The part of semver that an `engines` field uses: alternatives with `||`, comparators `^`, `>=`, `<` and none. */
export function satisfies(version, range) {
  return range.split('||').some(function (alternative) {
    return alternative
      .trim()
      .split(/\s+/)
      .every(function (comparator) {
        return compares(version, comparator);
      });
  });
}

function compares(version, comparator) {
  const parsed = /^(\^|>=|<)?(\d+)\.(\d+)\.(\d+)$/.exec(comparator);
  if (parsed === null) throw new Error('package.json: cannot read engines.node "' + comparator + '"');
  const wanted = parsed.slice(2).map(Number);
  const order = compare(version.split('-')[0].split('.').map(Number), wanted);
  if (parsed[1] === '<') return order < 0;
  if (parsed[1] === '>=') return order >= 0;
  if (parsed[1] === '^') return order >= 0 && Number(version.split('.')[0]) === wanted[0];
  return order === 0;
}

function compare(left, right) {
  for (let index = 0; index < 3; index += 1) {
    if (left[index] !== right[index]) return left[index] - right[index];
  }
  return 0;
}

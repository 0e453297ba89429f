// A screen without a monitor.

import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/**
 * @param {{ after: (end: () => unknown) => void }} context ends it
 * @param {string[]} more what else the X server is told
 * @returns {Promise<string>} its name, as in DISPLAY
 */
export async function openDisplay (context, more = []) {
  // It picks a free number and says it on the fourth of its files.
  const server = spawn('Xvfb', ['-screen', '0', '1280x720x24', '-nolisten', 'tcp', '-noreset', '-displayfd', '3', ...more],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] })
  context.after(() => server.kill())
  const said = createInterface({ input: /** @type {import('node:stream').Readable} */ (server.stdio[3]) })
  for await (const line of said) return `:${line}`
  throw new Error('Xvfb does not start')
}

// Hosts on this machine: network namespaces, joined by one process that delays and loses the packets between them, as
// `tc netem` does where the kernel has it. Needs root.

import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const MANIFEST = fileURLToPath(new URL('Cargo.toml', import.meta.url))
const TARGET = fileURLToPath(new URL('target', import.meta.url))

/** @param {number} host */
export function addressOf (host) {
  return `10.77.${host + 1 >> 8}.${host + 1 & 255}`
}

/**
 * The arguments of `ip` that start a program on a host. `ip` becomes the program.
 * @param {number} host
 * @param {string} program
 * @param {string[]} line
 */
export function atHost (host, program, line) {
  return ['netns', 'exec', `lot${host}`, program, ...line]
}

/**
 * @param {number} count
 * @param {{ delay: number, loss: number }} link milliseconds each way, and percent
 * @param {(() => unknown)[]} ends to be done when all is over, the last one first
 * @returns {Promise<{ latest: Record<string, number>, pid: number }>} what the network last said of itself
 */
export async function makeHosts (count, { delay, loss }, ends) {
  const build = ['build', '--release', '--locked', '--manifest-path', MANIFEST, '--target-dir', TARGET]
  execFileSync('cargo', build, { stdio: ['ignore', 'ignore', 'inherit'] })
  const network = spawn(`${TARGET}/release/hosts`, [String(count), String(delay), String(loss)], { stdio: ['ignore', 'pipe', 'inherit'] })
  ends.push(() => network.kill('SIGKILL'))
  const lines = createInterface({ input: network.stdout })
  const first = await Promise.race([once(lines, 'line'), once(network, 'exit')])
  if (first[0] !== 'ready') throw new Error('the network between the hosts cannot be made; it needs root')
  const latest = { first_host_bytes: 0, latest_ms: 0 }
  lines.on('line', line => Object.assign(latest, JSON.parse(line)))
  for (let host = 0; host < count; host++) {
    const name = `lot${host}`
    ip('netns', 'add', name)
    ends.push(() => ip('netns', 'delete', name))
    ip('link', 'set', name, 'netns', name)
    ip('-n', name, 'address', 'add', `${addressOf(host)}/16`, 'dev', name)
    ip('-n', name, 'link', 'set', name, 'up')
    ip('-n', name, 'link', 'set', 'lo', 'up')
  }
  // It ends before its devices do.
  ends.push(() => network.kill('SIGKILL'))
  return { latest, pid: /** @type {number} */ (network.pid) }
}

/** @param {string[]} line */
function ip (...line) {
  execFileSync('ip', line)
}

// Processor time of processes and of all that they have started, from /proc (Linux).

import { readFileSync, readdirSync } from 'node:fs'

/** Linux's usual unit of a process's processor time. */
const TICKS_A_SECOND = 100

/** @returns {Map<number, { name: string, parent: number, seconds: number }>} by process */
function processes () {
  const found = new Map()
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    try {
      const [, name, rest] = /** @type {RegExpMatchArray} */ (readFileSync(`/proc/${entry}/stat`, 'utf8').match(/\((.*)\) (.*)/s))
      const fields = rest.split(' ')
      const ticks = Number(fields[11]) + Number(fields[12])
      found.set(Number(entry), { name, parent: Number(fields[1]), seconds: ticks / TICKS_A_SECOND })
    } catch {
      // It has ended since.
    }
  }
  return found
}

/** What these processes have used so far. @param {number[]} pids */
export function usedBy (pids) {
  const all = processes()
  return pids.reduce((sum, pid) => sum + (all.get(pid)?.seconds ?? 0), 0)
}

/** What the Chromium browsers that this process has started have used so far. */
export function usedByBrowsers () {
  return usedByStarted(name => name.startsWith('chrom'))
}

/**
 * What processes that this process has started, and those that they have, have used so far.
 * @param {(name: string) => boolean} counts whether one of that name counts
 */
export function usedByStarted (counts) {
  const all = processes()
  let sum = 0
  for (const [pid, { name, seconds }] of all) {
    if (pid === process.pid || !counts(name)) continue
    let at = pid
    while (at > 1 && at !== process.pid) at = all.get(at)?.parent ?? 0
    if (at === process.pid) sum += seconds
  }
  return sum
}

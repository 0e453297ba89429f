// Processor time of a program's threads, from /proc (Linux).

import { readFileSync, readdirSync } from 'node:fs'

/** Linux's usual unit of a thread's processor time. */
const TICKS_A_SECOND = 100

/** @typedef {Map<string, { name: string, seconds: number }>} Threads by id */

/** What each thread has used so far. @param {number} pid @returns {Threads} */
export function threads (pid) {
  const times = new Map()
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    try {
      const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8')
      const [, name, rest] = /** @type {RegExpMatchArray} */ (stat.match(/\((.*)\) (.*)/s))
      const fields = rest.split(' ')
      times.set(thread, { name, seconds: (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND })
    } catch {
      // It has ended since.
    }
  }
  return times
}

/**
 * Shares of one core between two looks, by stage.
 * @param {Threads} before
 * @param {Threads} after
 * @param {number} seconds between them
 * @param {[string, RegExp][]} stages by the names of their threads
 * @returns {Record<string, number>} each stage's, 'the rest' and 'all'
 */
export function shares (before, after, seconds, stages) {
  /** @type {Record<string, number>} */
  const spent = {}
  for (const stage of [...stages.map(([name]) => name), 'the rest', 'all']) spent[stage] = 0
  for (const [thread, { name, seconds: used }] of after) {
    const stage = stages.find(([, names]) => names.test(name))?.[0] ?? 'the rest'
    const share = (used - (before.get(thread)?.seconds ?? 0)) / seconds
    spent[stage] += share
    spent.all += share
  }
  return Object.fromEntries(Object.entries(spent).map(([stage, share]) => [stage, Math.round(share * 1000) / 1000]))
}

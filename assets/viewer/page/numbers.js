// Numbers in words. A number and its unit stay on one line.

import { t } from './texts.js'

/** @typedef {import('../media/player.js').PlayerSnapshot} PlayerSnapshot */

/** @param {PlayerSnapshot['delay']} delay */
export function delayInWords (delay) {
  if (delay === undefined) return '–'
  return t(delay.byClocks ? 'about {}' : 'at least {}', inSeconds(delay.seconds))
}

/** @param {number} seconds */
export function inSeconds (seconds) {
  return `${seconds.toFixed(1)}\u00a0s`
}

/** @param {number} bytes */
export function inBytes (bytes) {
  if (bytes < 1e6) return `${Math.round(bytes / 1e3)}\u00a0kB`
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)}\u00a0MB` : `${(bytes / 1e9).toFixed(2)}\u00a0GB`
}

/**
 * @param {number} part
 * @param {number} whole not 0
 */
export function inPercent (part, whole) {
  return `${Math.round(100 * part / whole)}\u00a0%`
}

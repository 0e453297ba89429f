// Whether this browser can play a broadcast at all.
//
// Not here: whether it can play this broadcast's codecs. The player says that once it knows them.

import { mediaSourceClass } from './media/media-source.js'

/**
 * What this browser lacks, for a person to read.
 * @returns {string | undefined} undefined where it lacks nothing
 */
export function whatIsLacking () {
  const lacking = []
  if (mediaSourceClass() === undefined) lacking.push('play a stream that a page puts together')
  if (typeof RTCPeerConnection !== 'function') lacking.push('connect to other viewers')
  if (typeof WebAssembly !== 'object') lacking.push('run WebAssembly')
  if (typeof WebSocket !== 'function') lacking.push('find other viewers')
  if (lacking.length === 0) return undefined
  return `This browser cannot ${lacking.join(', or ')}, or it is switched off. Use a current Firefox, Chrome, Edge or Safari.`
}

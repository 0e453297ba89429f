// Whether this browser can play a broadcast at all.
//
// Not here: whether it can play this broadcast's codecs. The player says that once it knows them.

import { mediaSourceClass } from './media/media-source.js'
import { t } from './page/texts.js'

/**
 * What this browser lacks, for a person to read.
 * @returns {string | undefined} undefined where it lacks nothing
 */
export function whatIsLacking () {
  const lacking = []
  if (mediaSourceClass() === undefined) lacking.push(t('play a stream that a page puts together'))
  if (typeof RTCPeerConnection !== 'function') lacking.push(t('connect to other viewers'))
  if (typeof WebAssembly !== 'object') lacking.push(t('run WebAssembly'))
  if (typeof WebSocket !== 'function') lacking.push(t('find other viewers'))
  if (lacking.length === 0) return undefined
  return t('This browser cannot {}, or it is switched off. Use a current Firefox, Chrome, Edge or Safari.', lacking.join(t(', or ')))
}

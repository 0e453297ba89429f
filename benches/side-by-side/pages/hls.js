// Plays the HLS stream with hls.js, which p2p-media-loader gets segments for. `?sync=N`: play N segments behind the end
// of the playlist, instead of where p2p-media-loader likes it.

import Hls from 'hls.js'
import { HlsJsP2PEngine } from 'p2p-media-loader-hlsjs'

const video = /** @type {HTMLVideoElement} */ (document.querySelector('video'))
const asked = new URLSearchParams(location.search)
const sync = asked.get('sync')
const counts = { played: 0, missing: 0 }
Object.assign(window, { counts })

const HlsWithP2P = HlsJsP2PEngine.injectMixin(Hls)
const hls = new HlsWithP2P({
  ...(sync === null ? {} : { liveSyncDurationCount: Number(sync) }),
  p2p: { core: { announceTrackers: [/** @type {string} */ (asked.get('tracker'))], rtcConfig: { iceServers: [] } } }
})
/** @type {number | undefined} */
let last
hls.on(Hls.Events.FRAG_BUFFERED, (/** @type {string} */ _, /** @type {{ frag: { sn: number | 'initSegment' } }} */ { frag }) => {
  if (typeof frag.sn !== 'number') return
  counts.played += 1
  if (last !== undefined && frag.sn > last + 1) counts.missing += frag.sn - last - 1
  last = Math.max(last ?? frag.sn, frag.sn)
})
hls.attachMedia(video)
hls.loadSource(new URL('live.m3u8', location.href).href)

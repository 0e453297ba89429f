// An HLS origin, and a tracker for its viewers.
// `node hls-source.mjs SECONDS SEGMENTS_IN_PLAYLIST < stream.mp4`

import { Slicer } from './fragments.mjs'
import { Origin, packaged, say, sayFigures, startTracker } from './origin.mjs'

/** Segments that can still be fetched after they have left the playlist. */
const KEPT = 4

const length = Number(process.argv[2])
const listedLength = Number(process.argv[3])
const tracker = await startTracker()
const origin = new Origin()
/** @type {{ number: number, duration: number }[]} */
let listed = []
/** @type {Buffer | undefined} */
let init

const slicer = new Slicer(length, bytes => { init = bytes }, ({ number, bytes, duration }) => {
  origin.streamBytes += bytes.length
  origin.data(`/${number}.m4s`, 'video/iso.segment', () => bytes)
  origin.forget(`/${number - listedLength - KEPT}.m4s`)
  listed = [...listed, { number, duration }].slice(-listedLength)
  // A full playlist, as a broadcast that has been on for a while has it.
  if (number + 1 === listedLength) say({ event: 'live', link })
})

function playlist () {
  if (listed.length === 0) return undefined
  const longest = Math.max(...listed.map(({ duration }) => duration))
  return Buffer.from([
    '#EXTM3U', '#EXT-X-VERSION:7', '#EXT-X-INDEPENDENT-SEGMENTS',
    `#EXT-X-TARGETDURATION:${Math.round(longest)}`,
    `#EXT-X-MEDIA-SEQUENCE:${listed[0].number}`,
    '#EXT-X-MAP:URI="init.mp4"',
    ...listed.flatMap(({ number, duration }) => [`#EXTINF:${duration.toFixed(3)},`, `${number}.m4s`]),
    ''
  ].join('\n'))
}

origin.file('/', 'hls.html')
origin.file('/hls.js', 'hls.js')
origin.file('/lib/hls.js', packaged('hls.js/dist/hls.mjs'))
origin.file('/lib/p2p-media-loader-core.js', packaged('p2p-media-loader-core/dist/p2p-media-loader-core.es.js'))
origin.file('/lib/p2p-media-loader-hlsjs.js', packaged('p2p-media-loader-hlsjs/dist/p2p-media-loader-hlsjs.es.js'))
origin.data('/init.mp4', 'video/mp4', () => init)
origin.data('/live.m3u8', 'application/vnd.apple.mpegurl', playlist)
const link = `${await origin.listen()}?tracker=${encodeURIComponent(tracker)}`
process.stdin.on('data', bytes => slicer.push(/** @type {Buffer} */ (bytes)))
sayFigures(() => ({ stream_bytes: origin.streamBytes, uploaded_bytes: origin.sentBytes }))

// Polls the list, downloads each slice as a torrent, and plays them one after the other.

import WebTorrent from './webtorrent.js'

/** A slice that has not come when this many newer ones stand in the list is left out. */
const PATIENCE = 3
/** Played slices are passed on while this many newer ones are listed. */
const SHARED = 6
/** The sound and picture of the program's stream. */
const CODECS = 'video/mp4; codecs="avc1.640028,mp4a.40.2"'

const video = /** @type {HTMLVideoElement} */ (document.querySelector('video'))
const client = new WebTorrent({ dht: false, lsd: false, tracker: { rtcConfig: { iceServers: [] } } })
const counts = { played: 0, missing: 0 }
Object.assign(window, { counts })

/** @type {Map<number, { infoHash: string, bytes: ArrayBuffer | undefined }>} */
const slices = new Map()
/** The slice to be played next. @type {number | undefined} */
let next
let newest = -1

const media = new MediaSource()
video.src = URL.createObjectURL(media)
await new Promise(resolve => media.addEventListener('sourceopen', resolve, { once: true }))
const buffer = media.addSourceBuffer(CODECS)
buffer.appendBuffer(await (await fetch('init.mp4')).arrayBuffer())
buffer.addEventListener('updateend', () => {
  append()
  goOverGaps()
})
video.addEventListener('waiting', goOverGaps)

await poll()

async function poll () {
  const { tracker, length, slices: listed } = await (await fetch('list')).json()
  setTimeout(poll, length * 1000 / 2)
  // Whoever joins begins with what is newest.
  if (next === undefined) next = listed.at(-1)?.number
  for (const { number, torrent } of listed) {
    if (number <= newest || next === undefined || number < next) continue
    newest = number
    download(number, Uint8Array.from(atob(torrent), letter => letter.charCodeAt(0)), tracker)
  }
  leaveOutWhatIsLate()
  goOverGaps()
  catchUp(length)
  for (const [number, { infoHash }] of slices) {
    if (number >= newest - SHARED) continue
    slices.delete(number)
    client.remove(infoHash)
  }
}

/** @typedef {{ infoHash: string, files: { arrayBuffer: () => Promise<ArrayBuffer> }[], done: boolean, on: (event: 'done', heard: () => void) => void }} Torrent */

/** @param {number} number @param {Uint8Array} file @param {string} tracker */
function download (number, file, tracker) {
  client.add(file, { announce: [tracker] }, (/** @type {Torrent} */ torrent) => {
    slices.set(number, { infoHash: torrent.infoHash, bytes: undefined })
    const take = async () => {
      const bytes = await torrent.files[0].arrayBuffer()
      const slice = slices.get(number)
      if (slice !== undefined) slice.bytes = bytes
      append()
    }
    if (torrent.done) take()
    else torrent.on('done', take)
  })
}

function append () {
  if (buffer.updating || next === undefined) return
  const bytes = slices.get(next)?.bytes
  if (bytes === undefined) return
  next += 1
  counts.played += 1
  buffer.appendBuffer(bytes)
}

function leaveOutWhatIsLate () {
  if (next === undefined || newest - next < PATIENCE) return
  const arrived = [...slices].filter(([number, { bytes }]) => number >= /** @type {number} */ (next) && bytes !== undefined)
  const first = Math.min(...arrived.map(([number]) => number))
  if (first === Infinity || first === next) return
  counts.missing += first - next
  next = first
  append()
}

/** To the first picture, and over what was left out. */
function goOverGaps () {
  const { buffered, currentTime } = video
  for (let range = 0; range < buffered.length; range++) {
    if (buffered.start(range) <= currentTime && currentTime < buffered.end(range) - 0.1) return
  }
  for (let range = 0; range < buffered.length; range++) {
    if (buffered.start(range) <= currentTime) continue
    video.currentTime = buffered.start(range)
    return
  }
}

/**
 * To the live edge, when there are more than two slices to play.
 * @param {number} length of a slice, in seconds
 */
function catchUp (length) {
  const { buffered, currentTime } = video
  if (buffered.length === 0) return
  const end = buffered.end(buffered.length - 1)
  if (end - currentTime > 2 * length) video.currentTime = end - length
}

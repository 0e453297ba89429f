// The page's elements, by what they are for.

/** All that index.html names. */
export const elements = {
  stage: find('stage', HTMLElement),
  video: find('video', HTMLVideoElement),
  noticeTitle: find('notice-title', HTMLElement),
  noticeText: find('notice-text', HTMLElement),
  watchAgain: find('watch-again', HTMLButtonElement),
  gate: find('gate', HTMLElement),
  gateShow: find('gate-show', HTMLButtonElement),
  tapForSound: find('tap-for-sound', HTMLButtonElement),
  controls: find('controls', HTMLElement),
  play: find('play', HTMLButtonElement),
  mute: find('mute', HTMLButtonElement),
  volume: find('volume', HTMLInputElement),
  edge: find('edge', HTMLButtonElement),
  carryingToggle: find('carrying-toggle', HTMLButtonElement),
  pip: find('pip', HTMLButtonElement),
  fullScreen: find('full-screen', HTMLButtonElement),
  openPage: find('open-page', HTMLAnchorElement),
  share: find('share', HTMLButtonElement),
  shareDialog: find('share-dialog', HTMLDialogElement),
  shareQr: find('share-qr', HTMLElement),
  shareLink: find('share-link', HTMLInputElement),
  shareCopy: find('share-copy', HTMLButtonElement),
  shareSystem: find('share-system', HTMLButtonElement),
  shareClose: find('share-close', HTMLButtonElement),
  title: find('title', HTMLElement),
  byline: find('byline', HTMLElement),
  description: find('description', HTMLElement),
  keywords: find('keywords', HTMLElement),
  donation: find('donation', HTMLElement),
  donationLink: find('donation-link', HTMLAnchorElement),
  donationQr: find('donation-qr', HTMLElement),
  badge: find('badge', HTMLElement),
  viewers: find('viewers', HTMLElement),
  announcement: find('announcement', HTMLElement),
  passingFact: find('passing-fact', HTMLButtonElement),
  passingTitle: find('passing-title', HTMLElement),
  passingText: find('passing-text', HTMLElement),
  upload: find('upload', HTMLInputElement),
  help: find('help', HTMLButtonElement),
  carrying: find('carrying', HTMLElement),
  shareStreamer: find('share-streamer', HTMLElement),
  shareViewers: find('share-viewers', HTMLElement),
  delay: find('number-delay', HTMLElement),
  buffer: find('number-buffer', HTMLElement),
  fromStreamer: find('number-from-streamer', HTMLElement),
  fromViewers: find('number-from-viewers', HTMLElement),
  given: find('number-given', HTMLElement),
  neighbourCount: find('number-neighbours', HTMLElement),
  map: find('map', HTMLCanvasElement),
  mapFrom: find('map-from', HTMLElement),
  mapText: find('map-text', HTMLElement),
  neighbours: find('neighbours', HTMLElement),
  neighbourRows: find('neighbour-rows', HTMLElement),
  moreNeighbours: find('more-neighbours', HTMLElement)
}

/**
 * Says something where it is not said already: what changes nothing costs a browser and a screen reader nothing.
 * @param {HTMLElement} element
 * @param {string} text
 */
export function write (element, text) {
  if (element.textContent !== text) element.textContent = text
}

/**
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 */
function find (id, type) {
  const element = document.getElementById(id)
  if (element instanceof type) return element
  throw new Error(`index.html has no '${id}'`)
}

// Numbers and names as people say them.

/** The categories' names on the wire, and what people call them. @type {ReadonlyMap<string, string>} */
export const CATEGORIES = new Map([
  ['activism', 'Activism'], ['animals', 'Animals'], ['art', 'Art'], ['comedy', 'Comedy'], ['education', 'Education'],
  ['entertainment', 'Entertainment'], ['films', 'Films'], ['food', 'Food'], ['gaming', 'Gaming'], ['how-to', 'How To'],
  ['kids', 'Kids'], ['music', 'Music'], ['news-politics', 'News & Politics'], ['people', 'People'],
  ['science-technology', 'Science & Technology'], ['sports', 'Sports'], ['travels', 'Travels'], ['vehicles', 'Vehicles']
])

/** @param {number} viewers */
export function viewersInWords (viewers) {
  return viewers === 1 ? '1 viewer' : `${viewers.toLocaleString('en')} viewers`
}

/** @param {number} millis since it began */
export function sinceInWords (millis) {
  const minutes = Math.floor(Math.max(0, millis) / 60_000)
  if (minutes < 1) return 'just started'
  if (minutes < 60) return `for ${minutes} min`
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60]
  return rest === 0 ? `for ${hours} h` : `for ${hours} h ${rest} min`
}

/**
 * @param {number} found
 * @param {boolean} isNarrowed whether a category or words were asked for
 */
export function foundInWords (found, isNarrowed) {
  const channels = found === 1 ? '1 channel' : `${found.toLocaleString('en')} channels`
  return isNarrowed ? `${channels} found` : `${channels} live`
}

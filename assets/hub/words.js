// Numbers and names as people say them.

import { t } from '../page/texts.js'

/** The categories' names on the wire, and what people call them. @type {ReadonlyMap<string, string>} */
export const CATEGORIES = new Map([
  ['activism', 'Activism'], ['animals', 'Animals'], ['art', 'Art'], ['comedy', 'Comedy'], ['education', 'Education'],
  ['entertainment', 'Entertainment'], ['films', 'Films'], ['food', 'Food'], ['gaming', 'Gaming'], ['how-to', 'How To'],
  ['kids', 'Kids'], ['music', 'Music'], ['news-politics', 'News & Politics'], ['people', 'People'],
  ['science-technology', 'Science & Technology'], ['sports', 'Sports'], ['travels', 'Travels'], ['vehicles', 'Vehicles']
])

/** @param {number} viewers */
export function viewersInWords (viewers) {
  return viewers === 1 ? t('1 viewer') : t('{} viewers', number(viewers))
}

/** @param {number} millis since it began */
export function sinceInWords (millis) {
  const minutes = Math.floor(Math.max(0, millis) / 60_000)
  if (minutes < 1) return t('just started')
  if (minutes < 60) return t('for {} min', minutes)
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60]
  return rest === 0 ? t('for {} h', hours) : t('for {} h {} min', hours, rest)
}

/**
 * @param {number} found
 * @param {boolean} isNarrowed whether a category or words were asked for
 */
export function foundInWords (found, isNarrowed) {
  if (found === 1) return isNarrowed ? t('1 channel found') : t('1 channel live')
  return isNarrowed ? t('{} channels found', number(found)) : t('{} channels live', number(found))
}

/** @param {number} value */
function number (value) {
  return value.toLocaleString(document.documentElement.lang)
}

/**
 * How long after an event a platform may still send its webhook for the first time, or once more. The longest schedule that
 * one of ours documents is that of Svix, which Guesty uses: 5 s, 5 min, 30 min, 2 h, 5 h, 10 h and 10 h, together 27 h 35 min
 * (https://docs.svix.com/retries); Acuity, apaleo and Calendly tell 24 hours. Lodgify, Nexudus and OwnerRez tell ten tries
 * and no pauses: a week has room for ten that double from five minutes (85 h). Of the others nothing longer is known.
 */
export const LONGEST_RETRY_DAYS = 7

import { firstText } from '../fields.ts'
import { entriesOf, idOf, type Members, membersOf } from '../told.ts'
import type { Invitee } from './events.ts'

export interface Answer {
  question: string
  answer: string
}

/** The answers of the booking form; one that is no text was not given. */
export function answersOf({ questions_and_answers: list }: Invitee): Answer[] {
  return entriesOf(list).flatMap(members => {
    const question = firstText(members.question)
    const answer = idOf(members.answer)
    return question === undefined || answer === undefined ? [] : [{ question, answer }]
  })
}

/** The answer to the question that the connection names; letter case and white space around do not matter. */
export function codeOf(answers: Answer[], wanted: string | undefined): string | undefined {
  const question = wanted?.trim().toLowerCase()
  return answers.find(each => each.question.toLowerCase() === question)?.answer
}

const asksForPhone = /\b(?:tele)?phone\b|\bmobile\b|\bcell\b/i
const looksLikePhone = /^[+(]?\d[\d\s().+/-]{4,}$/

/** The number for reminders; else the one that the host will call; else an answer that is a number, to a question for one. */
export function phoneOf(invitee: Invitee, scheduled: Members): string | undefined {
  const location = membersOf(scheduled.location)
  const called = location.type === 'outbound_call' ? location.location : undefined
  const answered = answersOf(invitee).find(
    ({ question, answer }) => asksForPhone.test(question) && looksLikePhone.test(answer)
  )
  return firstText(invitee.text_reminder_number, called, answered?.answer)
}

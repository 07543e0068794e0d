/* approved.c - the one place where a record becomes bytes that leave.
 *
 * Only what the judge approved is written; of the envelope only what the policy lets out.  */
#include <string.h>

#include "base/text.h"
#include "judging.h"

/* author.* fields that are pseudonymised hold the subject's pseudonym, where there is one. */
static void put_pseudonyms(const struct approved *ap, struct message_record *out)
{
        if (!ap->pseudonymised || !out->has_subject)
                return;
        uuid_format(ap->subject_text, out->subject);
        for (int f = 0; f < FIELDS; f++)
                if (ap->pseudonymised >> f & 1)
                        out->fields.text[f] = slice_of(ap->subject_text);
}

void approved_message(const struct approved *ap, const struct envelope *e, struct message *out)
{
        *out = (struct message){ .type = MESSAGE_RECORD, .region = e->region, .at = e->at,
                                 .captured_us = ap->hour_us };
        struct message_record *r = &out->record;
        *r = (struct message_record){
                .source = ap->source, .hour_us = ap->hour_us, .fields = ap->fields,
                .has_occurred_at = ap->has_occurred_at, .judged = e->judged, .policy = ap->policy,
                .policy_version = ap->policy_version, .purpose = ap->purpose, .basis = ap->basis,
                .readable_in = ap->readable, .n_readable_in = ap->n_readable,
                .redactions = ap->redactions, .n_redactions = ap->n_redactions,
                .expires_at_us = ap->expires_at_us,
                .has_subject = ap->has_subject && e->has_subject,
                .has_thread_key = ap->has_thread_key && e->has_thread_key,
        };
        memcpy(r->record_key, e->record_key, sizeof r->record_key);
        if (r->has_subject)
                memcpy(r->subject, e->subject, sizeof r->subject);
        if (r->has_thread_key)
                memcpy(r->thread_key, e->thread_key, sizeof r->thread_key);
        put_pseudonyms(ap, r);
}

/* What is judged is known of the last record only: another's message would be proven by wrong names. */
static bool is_of_last(const struct judge *j, const struct message *m)
{
        return j->approved && m->type == MESSAGE_RECORD && m->record.readable_in == j->approved->readable &&
               m->record.redactions == j->approved->redactions;
}

bool approved_format(struct judge *j, const struct message *m, struct buf *value, uint8_t key[16],
                     struct message_header headers[MESSAGE_HEADERS], size_t *n, struct err *err)
{
        size_t from = value->n;
        if (!is_of_last(j, m))
                return err_set(err, ERR_BUG, 0, "a message is not of the record judged last");
        return message_format(m, value, key, headers, n, err) &&
               residual_is_clean(j, m, slice_make(value->p + from, value->n - from), key, headers, *n, err);
}

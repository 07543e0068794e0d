/* mapping_rows.c - all that can be written into a mapping file. */
#include "mapping_rows.h"

#include "source/mapping.h"

const struct option mapping_options[] = {
        { "signature", OPTION_GROUP, OPTION_AT(struct file_rows, signature), NULL, NULL, NULL, OPTION_REQUIRED,
          "How the sender proves that it knows the secret: { header = \"X-Signature\"; prefix = \"sha256=\"; }." },
        { "records", OPTION_LIST, OPTION_AT(struct file_rows, records), NULL, NULL, NULL, OPTION_REQUIRED,
          "What payloads become; each member whose `when` holds makes its records, none: the payload is counted." },
        { "echo", OPTION_TEXT, OPTION_AT(struct file_rows, echo), "1", "512", NULL, 0,
          "Where a payload that becomes no record has a text that the sender wants back at once, such as "
          "\"/challenge\" when Slack tries the address." },
        OPTION_END
};

const struct option mapping_signature_options[] = {
        { "header", OPTION_TEXT, OPTION_AT(struct signature_rows, header), "1", "64", NULL, OPTION_REQUIRED,
          "The header that carries the signature, such as \"X-Hub-Signature-256\"." },
        { "algorithm", OPTION_CHOICE, OPTION_AT(struct signature_rows, algorithm), NULL,
          "sha256|sha1|sha512|token", "sha256", 0,
          "The hash of the HMAC; \"token\" where the sender sends the secret itself." },
        { "encoding", OPTION_CHOICE, OPTION_AT(struct signature_rows, encoding), NULL, "hex|base64", "hex", 0,
          "How the signature is written." },
        { "prefix", OPTION_TEXT, OPTION_AT(struct signature_rows, prefix), "0", "64", "", 0,
          "What stands before the signature, such as \"sha256=\", \"v0=\" or \"Bearer \"." },
        { "part", OPTION_TEXT, OPTION_AT(struct signature_rows, part), "1", "32", NULL, 0,
          "Where the header is a list such as \"t=…,v1=…\": the name before the signature, \"v1\"." },
        { "timestamp_header", OPTION_TEXT, OPTION_AT(struct signature_rows, timestamp_header), "1", "64", NULL, 0,
          "The header with the signed time (Unix seconds or milliseconds, or RFC 3339); more than 5 minutes off is "
          "refused." },
        { "timestamp_part", OPTION_TEXT, OPTION_AT(struct signature_rows, timestamp_part), "1", "32", NULL, 0,
          "Where that header is a list too: the name before the time, \"t\"." },
        { "signed", OPTION_TEXT, OPTION_AT(struct signature_rows, signed_text), "6", "128", "{body}", 0,
          "What is signed, with {timestamp} and, at the end, {body}: \"v0:{timestamp}:{body}\"." },
        OPTION_END
};

const struct option mapping_record_options[] = {
        { "when", OPTION_LIST, OPTION_AT(struct record_rows, when), NULL, NULL, NULL, 0,
          "Conditions that all hold for these payloads; without it, all payloads." },
        { "each", OPTION_TEXT, OPTION_AT(struct record_rows, each), "1", "512", NULL, 0,
          "A list in the payload, each element of which is an item that becomes a record; places are then "
          "within the item. At most 1,000." },
        { "kind", OPTION_TEXT, OPTION_AT(struct record_rows, kind), "1", "32", NULL, 0,
          "The records' kind: feedback, discussion, contribution, member, event, journey or lead." },
        { "kind_from", OPTION_TEXT, OPTION_AT(struct record_rows, kind_from), "1", "512", NULL, 0,
          "Instead: the place of the value that decides it, by kind_values." },
        { "kind_values", OPTION_LIST, OPTION_AT(struct record_rows, kind_values), NULL, NULL, NULL, 0,
          "( { is = \"bug\"; to = \"feedback\"; } ): what is none of them is counted." },
        { "id", OPTION_TEXTS, OPTION_AT(struct record_rows, id), "1", "8", NULL, OPTION_REQUIRED,
          "What tells one record of this source from all others: places and words, joined by \"/\": "
          "[\"issue\", \"/project/id\", \"/issue/number\"]." },
        { "thread", OPTION_TEXTS, OPTION_AT(struct record_rows, thread), "1", "8", NULL, 0,
          "Likewise, the id of what the record belongs to; where a place finds nothing, it belongs to nothing." },
        { "occurred_at", OPTION_GROUP, OPTION_AT(struct record_rows, occurred_at), NULL, NULL, NULL, OPTION_REQUIRED,
          "When it was said or done: { from = \"/created_at\"; }; from = \"arrival\" where the sender does "
          "not say." },
        { "revision", OPTION_GROUP, OPTION_AT(struct record_rows, revision), NULL, NULL, NULL, 0,
          "What rises with each change of the record: { from = \"/updated_at\"; }. Without it what came "
          "last counts, and a redelivery can bring an old state back." },
        { "deleted", OPTION_LIST, OPTION_AT(struct record_rows, deleted), NULL, NULL, NULL, 0,
          "Conditions that all hold when the record was deleted; it then keeps who and when, no words." },
        { "first", OPTION_LIST, OPTION_AT(struct record_rows, first), NULL, NULL, NULL, 0,
          "Conditions that all hold when the record has just been made." },
        { "fields", OPTION_LIST, OPTION_AT(struct record_rows, fields), NULL, NULL, NULL, 0,
          "The record's fields: ( { field = \"body\"; from = \"/text\"; } )." },
        { "consent", OPTION_GROUP, OPTION_AT(struct record_rows, consent), NULL, NULL, NULL, 0,
          "Where people agree: { from = \"/agreed\"; yes = [\"true\"]; purpose = \"contact\"; }." },
        OPTION_END
};

const struct option mapping_time_options[] = {
        { "from", OPTION_TEXT, OPTION_AT(struct time_rows, from), "1", "512", NULL, OPTION_REQUIRED,
          "Where it stands; \"arrival\" for the moment it came." },
        { "as", OPTION_TEXT, OPTION_AT(struct time_rows, as), "3", "64", "rfc3339", 0,
          "How it is written: rfc3339 (a blank for the T and \" UTC\" for the Z will do), unix (seconds), unix_ms, a "
          "format such as \"%d.%m.%Y %H:%M\", or, of a revision, integer." },
        OPTION_END
};

const struct option mapping_condition_options[] = {
        { "from", OPTION_TEXT, OPTION_AT(struct condition_rows, from), "1", "512", NULL, OPTION_REQUIRED,
          "The place that is looked at: \"/event\", or \"header:X-Event\"." },
        { "is", OPTION_TEXTS, OPTION_AT(struct condition_rows, is), "1", "64", NULL, 0,
          "It is one of these." },
        { "is_not", OPTION_TEXTS, OPTION_AT(struct condition_rows, is_not), "1", "64", NULL, 0,
          "It is none of these; nothing there will do." },
        { "present", OPTION_BOOL, OPTION_AT(struct condition_rows, present), NULL, NULL, "false", 0,
          "Something is there, and not null." },
        { "absent", OPTION_BOOL, OPTION_AT(struct condition_rows, absent), NULL, NULL, "false", 0,
          "Nothing is there, or null." },
        OPTION_END
};

const struct option mapping_field_options[] = {
        { "field", OPTION_TEXT, OPTION_AT(struct field_rows, field), "1", "300", NULL, OPTION_REQUIRED,
          "The record's field, such as \"body\", \"author.email\", \"tags\" or \"attributes.plan\"." },
        { "from", OPTION_TEXT, OPTION_AT(struct field_rows, from), "1", "512", NULL, 0,
          "Where its value stands." },
        { "take", OPTION_TEXT, OPTION_AT(struct field_rows, take), "1", "512", NULL, 0,
          "Where `from` is a list: the place within each element, such as \"/name\"; the first that is there, "
          "for tags and mentions all." },
        { "where", OPTION_LIST, OPTION_AT(struct field_rows, where), NULL, NULL, NULL, 0,
          "Where `from` is a list: conditions that all hold for the elements that count." },
        { "as", OPTION_CHOICE, OPTION_AT(struct field_rows, as), NULL, "text|html|at_names", "text", 0,
          "How words are written: of \"html\" the words are kept, and no tag, link or comment; of \"at_names\" each "
          "@name is, for mentions." },
        { "values", OPTION_LIST, OPTION_AT(struct field_rows, values), NULL, NULL, NULL, 0,
          "Values to ours: ( { is = \"urgent\"; to = \"critical\"; } ); others stay as they are." },
        { "required", OPTION_BOOL, OPTION_AT(struct field_rows, required), NULL, NULL, "false", 0,
          "Whether a payload without it is refused (422) rather than taken without the field." },
        { "text", OPTION_TEXT, OPTION_AT(struct field_rows, text), "1", "4096", NULL, 0,
          "Instead of `from`: the value itself." },
        OPTION_END
};

const struct option mapping_value_options[] = {
        { "is", OPTION_TEXT, OPTION_AT(struct value_rows, is), "0", "1024", NULL, OPTION_REQUIRED,
          "The value as it is sent." },
        { "to", OPTION_TEXT, OPTION_AT(struct value_rows, to), "0", "1024", NULL, OPTION_REQUIRED,
          "What it means; empty: nothing." },
        OPTION_END
};

const struct option mapping_consent_options[] = {
        { "from", OPTION_TEXT, OPTION_AT(struct consent_rows, from), "1", "512", NULL, OPTION_REQUIRED,
          "Where people's answer stands." },
        { "yes", OPTION_TEXTS, OPTION_AT(struct consent_rows, yes), "1", "64", NULL, OPTION_REQUIRED,
          "The answers that mean yes; all others mean no." },
        { "purpose", OPTION_TEXT, OPTION_AT(struct consent_rows, purpose), "1", "64", NULL, OPTION_REQUIRED,
          "What they agree to, as policies name it." },
        { "separate", OPTION_BOOL, OPTION_AT(struct consent_rows, separate), NULL, NULL, "false", 0,
          "Whether it is asked apart from everything else." },
        OPTION_END
};

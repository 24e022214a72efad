/*
 * libsightline_lang: a C ABI over CLD2 (Compact Language Detector 2, Apache-2.0), which names the language of a text from the statistics
 * of its letters in fours.
 *
 * Every call that can fail returns a status; results go to out-parameters; no CLD2 type is in a signature. CLD2 holds no state between
 * calls: any number of threads may call at once.
 */
#include <cstdint>
#include <cstdio>
#include <exception>

#include <cld2/public/compact_lang_det.h>
#include <cld2/public/encodings.h>

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace {
enum status : int32_t { STATUS_OK = 0, STATUS_FAILED = 1, STATUS_INVALID_UTF8 = 2 };
}

/* CLD2's three best languages, best first; a place that it leaves empty has the language's number for unknown and 0 percent. */
typedef struct sightline_lang_result {
    int32_t languages[3]; /* numbers for sightline_lang_code */
    int32_t percents[3];  /* of the text's letters, 0 to 100 */
    float scores[3];      /* as a ratio to what real text of that language has: near 1 is ordinary, far from it is not */
    int32_t text_bytes;   /* bytes of letters, as CLD2 counts them */
    int32_t reliable;     /* 1 where the first is far enough ahead of the others by CLD2's own judgement */
} sightline_lang_result;

/* With best_effort CLD2 answers for a text of a word or two as well; without, it calls most of them unknown. */
EXPORT int32_t sightline_lang_detect(const char *utf8, int32_t length, int32_t best_effort, sightline_lang_result *result)
{
    try {
        CLD2::CLDHints hints = {nullptr, nullptr, CLD2::UNKNOWN_ENCODING, CLD2::UNKNOWN_LANGUAGE};
        CLD2::Language languages[3];
        int percents[3];
        double scores[3];
        int text_bytes = 0;
        int valid_prefix = 0;
        bool reliable = false;
        *result = {};
        CLD2::ExtDetectLanguageSummaryCheckUTF8(utf8, length, true, &hints, best_effort ? CLD2::kCLDFlagBestEffort : 0, languages,
                                                percents, scores, nullptr, &text_bytes, &reliable, &valid_prefix);
        if (valid_prefix < length) {
            return STATUS_INVALID_UTF8;
        }
        for (int i = 0; i < 3; i++) {
            result->languages[i] = languages[i];
            result->percents[i] = percents[i];
            result->scores[i] = static_cast<float>(scores[i]);
        }
        result->text_bytes = text_bytes;
        result->reliable = reliable ? 1 : 0;
        return STATUS_OK;
    } catch (const std::exception &) {
        return STATUS_FAILED;
    } catch (...) {
        return STATUS_FAILED;
    }
}

/* How many numbers languages have: 0 to count - 1. */
EXPORT int32_t sightline_lang_count(int32_t *count)
{
    try {
        *count = CLD2::NUM_LANGUAGES;
        return STATUS_OK;
    } catch (...) {
        return STATUS_FAILED;
    }
}

/* The code of a language's number as CLD2 spells it, "un" for unknown; static memory, never freed. */
EXPORT int32_t sightline_lang_code(int32_t language, const char **code)
{
    try {
        *code = CLD2::LanguageCode(static_cast<CLD2::Language>(language));
        return STATUS_OK;
    } catch (...) {
        return STATUS_FAILED;
    }
}

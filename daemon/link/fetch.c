/* fetch.c - HTTPS to elsewhere, by libcurl. */
#include "link/fetch.h"

#include <curl/curl.h>
#include <openssl/x509_vfy.h>
#include <pthread.h>
#include <string.h>

#include "base/file.h"

enum { CONNECT_MS = 10000 };

static pthread_once_t once = PTHREAD_ONCE_INIT;
static CURLcode begun;

static void begin(void)
{
        begun = curl_global_init(CURL_GLOBAL_DEFAULT);
}

static size_t on_bytes(char *bytes, size_t one, size_t n, void *ctx)
{
        struct buf *out = ctx;
        buf_put(out, slice_make(bytes, one * n));
        return buf_ok(out) ? one * n : 0;
}

/* Of the other side's certificate. */
static const char *hint_of(long verdict)
{
        switch (verdict) {
        case X509_V_OK:
        case X509_V_ERR_UNSPECIFIED: /* the name is compared before the chain is asked about */
                return "The other side's certificate is of another host: ask it by the name that stands there, or is it the wrong machine?";
        case X509_V_ERR_CERT_HAS_EXPIRED:
                return "The other side's certificate has ended: whoever runs it has to renew it; or is this machine's clock wrong?";
        case X509_V_ERR_CERT_NOT_YET_VALID:
                return "The other side's certificate does not hold yet; or is this machine's clock wrong?";
        default:
                return "The other side's certificate is of no authority that is trusted here.";
        }
}

/* What the caller can do about it. */
static bool failed(CURL *c, CURLcode code, const char *why, const struct buf *out, struct err *err)
{
        long verdict = -1;
        if (code == CURLE_WRITE_ERROR && !buf_ok(out))
                return err_set(err, ERR_DATA, 0, "the answer is larger than %zu bytes", out->max);
        bool untrusted = code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CONNECT_ERROR;
        /* A server that is not content with our certificate says so after our handshake is done. */
        bool hung_up = code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR || code == CURLE_GOT_NOTHING;
        bool ours = code == CURLE_SSL_CERTPROBLEM || code == CURLE_SSL_CACERT_BADFILE || code == CURLE_URL_MALFORMAT ||
                    code == CURLE_UNSUPPORTED_PROTOCOL;
        if (hung_up && strstr(why, "getpeername")) /* what libcurl did when it met that: it helps nobody */
                why = "the connection broke off";
        err_set(err, ours ? ERR_CONFIG : untrusted || hung_up ? ERR_DENIED : ERR_RETRY, (int)code, "could not fetch: %s",
                *why ? why : curl_easy_strerror(code));
        if (untrusted && (code != CURLE_PEER_FAILED_VERIFICATION || curl_easy_getinfo(c, CURLINFO_SSL_VERIFYRESULT, &verdict) != CURLE_OK))
                verdict = -1;
        if (untrusted)
                return err_hint(err, "%s", hint_of(verdict));
        return hung_up ? err_hint(err, "The other side hung up: does it know the authority of your certificate?") : false;
}

static bool set_files(CURL *c, const struct fetch *f, struct err *err)
{
        const char *const files[] = { f->ca_file, f->cert_file, f->key_file };
        for (size_t i = 0; i < sizeof files / sizeof *files; i++)
                if (files[i] && !file_exists(files[i]))
                        return err_set(err, ERR_CONFIG, 0, "there is no file \"%s\"", files[i]);
        bool ok = !f->ca_file || curl_easy_setopt(c, CURLOPT_CAINFO, f->ca_file) == CURLE_OK;
        ok = ok && (!f->ca_file || curl_easy_setopt(c, CURLOPT_CAPATH, NULL) == CURLE_OK);
        ok = ok && (!f->cert_file || curl_easy_setopt(c, CURLOPT_SSLCERT, f->cert_file) == CURLE_OK);
        ok = ok && (!f->key_file || curl_easy_setopt(c, CURLOPT_SSLKEY, f->key_file) == CURLE_OK);
        return ok || err_set(err, ERR_SYSTEM, 0, "out of memory");
}

static bool set_all(CURL *c, const struct fetch *f, struct curl_slist *headers, char *why, struct buf *out, struct err *err)
{
        bool ok = curl_easy_setopt(c, CURLOPT_ERRORBUFFER, why) == CURLE_OK &&
                  curl_easy_setopt(c, CURLOPT_URL, f->url) == CURLE_OK &&
                  curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "https") == CURLE_OK &&
                  curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
                  curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
                  curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
                  curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == CURLE_OK &&
                  curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS) == CURLE_OK &&
                  curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)(f->timeout_us / 1000)) == CURLE_OK &&
                  curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_bytes) == CURLE_OK &&
                  curl_easy_setopt(c, CURLOPT_WRITEDATA, out) == CURLE_OK &&
                  curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers) == CURLE_OK;
        if (ok && f->body.p)
                ok = curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)f->body.n) == CURLE_OK &&
                     curl_easy_setopt(c, CURLOPT_POSTFIELDS, f->body.p) == CURLE_OK;
        return (ok || err_set(err, ERR_SYSTEM, 0, "could not set up a request")) && set_files(c, f, err);
}

/* No "Expect: 100-continue": it costs a second where nobody answers it. */
static struct curl_slist *headers_of(const struct fetch *f)
{
        char type[128];
        struct curl_slist *list = curl_slist_append(NULL, "Expect:");
        snprintf(type, sizeof type, "Content-Type: %s", f->content_type ? f->content_type : "application/json");
        struct curl_slist *more = list && f->body.p ? curl_slist_append(list, type) : list;
        return more ? more : list;
}

bool fetch_run(const struct fetch *f, int *out_status, struct buf *out, struct err *err)
{
        char why[CURL_ERROR_SIZE] = "";
        long status = 0;
        pthread_once(&once, begin);
        if (strncmp(f->url, "https://", 8) != 0) {
                err_set(err, ERR_CONFIG, 0, "\"%.200s\" is no address of https", f->url);
                return err_hint(err, "In clear nothing is sent.");
        }
        CURL *c = begun == CURLE_OK ? curl_easy_init() : NULL;
        struct curl_slist *headers = headers_of(f);
        bool ok = (c && headers) || err_set(err, ERR_SYSTEM, 0, "could not set up a request");
        ok = ok && set_all(c, f, headers, why, out, err);
        if (ok) {
                CURLcode code = curl_easy_perform(c);
                ok = code == CURLE_OK || failed(c, code, why, out, err);
        }
        if (ok)
                curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
        *out_status = (int)status;
        curl_slist_free_all(headers);
        curl_easy_cleanup(c);
        return ok;
}

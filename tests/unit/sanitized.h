/* sanitized.h - under a sanitizer a case costs ten times as much: fewer of them, the same oracle. */
#ifndef TESTS_SANITIZED_H
#define TESTS_SANITIZED_H

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 8
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 8
#endif
#ifndef SANITIZED
#define SANITIZED 1
#endif

#endif

// SPDX-License-Identifier: Apache-2.0
#include "base/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace litmus {
namespace {

TEST(Utf8, IsValidWhereverTheCharactersStand) {
  for (const char* text : {"", "a", "plain ascii of more than eight bytes", "5 Ω", "°", "12345678°",
                           "1234567°9", "🔧 and more text behind it", "\xEE\x80\x80"}) {
    EXPECT_TRUE(is_valid_utf8(text)) << text;
  }
}

TEST(Utf8, BrokenOverlongAndSurrogateFormsAreRefusedWhereverTheyStand) {
  for (const char* broken :
       {"\xFF", "\xC3", "\x80", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82"}) {
    for (std::size_t before = 0; before < 10; ++before) {
      for (std::size_t after = 0; after < 10; ++after) {
        const std::string text = std::string(before, 'a') + broken + std::string(after, 'z');
        EXPECT_FALSE(is_valid_utf8(text)) << before << " " << after;
      }
    }
  }
}

}  // namespace
}  // namespace litmus

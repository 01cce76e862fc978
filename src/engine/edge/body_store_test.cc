#include "engine/edge/body_store.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <vector>

namespace meetinity::edge {
namespace {

std::string ReadBack(const net::FileRange& file, size_t size) {
  std::string bytes(size, '\0');
  const ssize_t got = ::pread(file.descriptor, bytes.data(), size, static_cast<off_t>(file.offset));
  bytes.resize(static_cast<size_t>(std::max<ssize_t>(0, got)));
  return bytes;
}

TEST(BodyStore, AFileHasTheBytesOfALargeRoom) {
  BodyStore store;
  std::vector<BodyStore::Room> rooms;
  for (char c = 'a'; c < 'e'; ++c) {
    rooms.push_back(store.Allocate(100'001));
    std::memset(rooms.back().bytes.get(), c, 100'001);
  }
  EXPECT_EQ(store.ranges(), rooms.size());
  for (size_t i = 0; i < rooms.size(); ++i) {
    ASSERT_GE(rooms[i].file.descriptor, 0);
    EXPECT_EQ(ReadBack(rooms[i].file, 100'001), std::string(100'001, static_cast<char>('a' + i)));
  }
}

TEST(BodyStore, SmallRoomsAreOrdinaryMemory) {
  BodyStore store;
  const BodyStore::Room room = store.Allocate(1'000);
  std::memset(room.bytes.get(), 'x', 1'000);
  EXPECT_LT(room.file.descriptor, 0);
  EXPECT_EQ(store.ranges(), 0U);
}

TEST(BodyStore, WhatIsLetGoIsGivenBackAndItsPlaceNotUsedAgain) {
  BodyStore store;
  BodyStore::Room first = store.Allocate(1'000'000);
  std::memset(first.bytes.get(), 'x', 1'000'000);
  const net::FileRange place = first.file;
  first.bytes.reset();
  EXPECT_EQ(store.ranges(), 0U);
  EXPECT_EQ(ReadBack(place, 10), std::string(10, '\0'));  // a hole
  const BodyStore::Room second = store.Allocate(1'000'000);
  EXPECT_GE(second.file.offset, place.offset + 1'000'000);
}

TEST(BodyStore, RoomsOutliveTheStore) {
  BodyStore::Room room;
  {
    BodyStore store;
    room = store.Allocate(100'000);
  }
  std::memset(room.bytes.get(), 'x', 100'000);
  EXPECT_EQ(ReadBack(room.file, 3), "xxx");
}

}  // namespace
}  // namespace meetinity::edge

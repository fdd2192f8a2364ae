// SPDX-License-Identifier: GPL-3.0-only
// What can be done to a real Redis: each returns as soon as it could decide again.
#pragma once

#include "tests/soak/fault_case.h"

namespace weir::test::faults {

using std::chrono::milliseconds;

// The server.
[[nodiscard]] bool hang(Stage &stage, milliseconds time);
/// Ends with SIGKILL, stays away so long, starts with `arguments` in the same folder.
[[nodiscard]] bool dieAndReturn(Stage &stage, milliseconds time, const QStringList &arguments = {});
/// As above, with data that take some seconds to load; what it loads is older than what it knew.
[[nodiscard]] bool loadSlowly(Stage &stage, milliseconds away);
/// A script that does not end keeps it busy; SCRIPT KILL ends it.
[[nodiscard]] bool beBusy(Stage &stage, milliseconds time);
/// Every 100 ms.
[[nodiscard]] bool forgetScripts(Stage &stage, milliseconds time);
[[nodiscard]] bool forgetEverything(Stage &stage, milliseconds time);

// Weir's own server, of a single Weir.
[[nodiscard]] bool hangPrivate(Stage &stage, milliseconds time);
/// Ends with SIGKILL; it is for Weir to start it again.
[[nodiscard]] bool killPrivate(Stage &stage);

// What it answers: each is a setting for `time`, and then as before.
[[nodiscard]] bool runOutOfMemory(Stage &stage, milliseconds time);
/// Becomes a replica of nobody who is there, and a master again; no connection ends.
[[nodiscard]] bool beDemoted(Stage &stage, milliseconds time);
[[nodiscard]] bool changePassword(Stage &stage, milliseconds time);
[[nodiscard]] bool refuseClients(Stage &stage, milliseconds time);
[[nodiscard]] bool failToSave(Stage &stage, milliseconds time);
[[nodiscard]] bool missReplicas(Stage &stage, milliseconds time);

/// A user of our own, as lua/README.md asks for it, for a Redis that listens by TCP too; its URL.
[[nodiscard]] bool makeUser(Stage &stage);
[[nodiscard]] QString urlOfUser(Stage &stage);
[[nodiscard]] bool changeUsersPassword(Stage &stage, milliseconds time);
[[nodiscard]] bool takePermission(Stage &stage, milliseconds time);

// The way to it.
[[nodiscard]] bool distort(Stage &stage, ChaosProxy::Way way, milliseconds time);
[[nodiscard]] bool delay(Stage &stage, milliseconds delay, milliseconds time);
/// Every 100 ms all connections end.
[[nodiscard]] bool cutAgainAndAgain(Stage &stage, milliseconds time);

/// Arguments: writes its file once a second.
[[nodiscard]] QStringList withFile();

} // namespace weir::test::faults

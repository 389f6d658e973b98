#pragma once
// Nothing to call: linked into the tests, it tells the thread sanitiser what Swift's Mutex does.

import Glibc

/// A value under a lock: a POSIX mutex. Unlike the one of Swift's library on Linux, whose waiting path is not
/// instrumented, ThreadSanitizer sees what it orders; so what runs under the sanitizer keeps its state in this.
package final class Locked<Value: Sendable>: @unchecked Sendable {  // unchecked: touched under the lock alone
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private var value: Value

    package init(_ value: Value) {
        self.value = value
        mutex.initialize(to: pthread_mutex_t())
        let made = pthread_mutex_init(mutex, nil)
        precondition(made == 0, "no mutex could be made")
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Lends the value to `body`, which must not wait for anything: one thread at a time.
    package func withLock<R, E: Error>(_ body: (inout Value) throws(E) -> R) throws(E) -> R {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&value)
    }
}

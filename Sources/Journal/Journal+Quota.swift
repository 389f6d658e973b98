import GRDB

extension Journal {
    /// Bytes of everything in the run's folder: database, log, checkpoints, policy.
    public func diskBytes() throws(JournalError) -> Int {
        var total = 0
        for folder in [folder.path, folder.checkpointsPath] {
            for name in try DurableFile.names(in: folder) {
                let path = folder + "/" + name
                if !DurableFile.isFolder(path) { total += DurableFile.status(path)?.size ?? 0 }
            }
        }
        return total
    }

    /// Makes room without touching anything a robot has paid for: every checkpoint goes but the
    /// newest that reads back as it was written.
    ///
    /// Nothing goes while none does.
    public func thin() throws(JournalError) {
        guard let sound = try newestValidCheckpoint().record else { return }
        let removed = try database.write { database in
            let sql = "DELETE FROM checkpoints WHERE id < ? RETURNING file"
            return try String.fetchAll(database, sql: sql, arguments: [sound.id])
        }
        for file in removed { try DurableFile.remove(folder.checkpointsPath + "/" + file) }
    }

    /// Holds the run against its quota; thins it first if it is above.
    ///
    /// - Throws: `quotaReached` if it is above all the same.
    public func keepWithin(quota: Int) throws(JournalError) {
        guard try diskBytes() > quota else { return }
        try thin()
        let used = try diskBytes()
        if used > quota { throw .quotaReached(path: folder.path, used: used, quota: quota) }
    }
}

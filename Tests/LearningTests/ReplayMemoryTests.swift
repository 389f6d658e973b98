import Glibc
import Testing

@testable import Learning

/// Bytes of a mapping that are in memory, asked from the system.
private func residentBytes(_ ring: PageRing) -> Int {
    let page = sysconf(Int32(_SC_PAGESIZE))
    let mapping = ring.mapping
    var pages = [UInt8](repeating: 0, count: (mapping.count + page - 1) / page)
    precondition(mincore(mapping.baseAddress, mapping.count, &pages) == 0)
    return pages.count { $0 & 1 == 1 } * page
}

private func residentBytes(_ replay: ReplayBuffer) -> Int {
    residentBytes(replay.transitions) + residentBytes(replay.frames)
        + (replay.pixels.map(residentBytes) ?? 0)
}

/// Pages larger than the usual ones make no figure here exact.
private let hasLargePages: Bool = {
    guard let file = fopen("/sys/kernel/mm/transparent_hugepage/enabled", "r") else { return false }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 100)
    guard fgets(&line, 100, file) != nil else { return false }
    return String(decoding: line.map { UInt8(bitPattern: $0) }, as: UTF8.self).contains("[always]")
}()

/// Appends episodes of stacked frames, newest first, each frame a new number.
private func run(_ replay: ReplayBuffer, episodes: Int, steps: Int, first: inout Int) {
    let frame = replay.observationCount / replay.historyFrames
    let action = [Float](repeating: 0, count: replay.actionCount)
    for _ in 0..<episodes {
        first += 1
        var window = [Float](repeating: Float(first), count: replay.observationCount)
        for _ in 0..<steps {
            first += 1
            let next = [Float](repeating: Float(first), count: frame) + window.dropLast(frame)
            replay.append(
                observation: window,
                action: action,
                reward: 0,
                nextObservation: next,
                terminated: false
            )
            window = next
        }
    }
}

@Suite("Memory of a replay", .disabled(if: hasLargePages, "pages are not of the usual size"))
struct ReplayMemoryTests {
    @Test("Pages are taken only as they are filled, and all of them are counted")
    func filling() {
        // 8 GB of address space.
        let replay = ReplayBuffer(observationCount: 10, actionCount: 7, capacity: 67_000_000)
        #expect(replay.reservedBytes > 8_000_000_000)
        #expect(residentBytes(replay) == 0 && replay.residentBytes == 0)
        var first = 0
        for round in 1...5 {
            run(replay, episodes: 2, steps: 1000, first: &first)
            // 40 bytes a frame and a transition, and one frame an episode, in whole pages.
            let filled = round * 2 * (1000 * 80 + 40)
            let found = residentBytes(replay)
            #expect(found == replay.residentBytes)
            #expect(found >= filled && found < filled + 2 * sysconf(Int32(_SC_PAGESIZE)))
        }
    }

    @Test("A full replay takes no more memory however long it goes on")
    func goingRound() {
        let replay = ReplayBuffer(
            observationCount: 24,
            actionCount: 2,
            capacity: 20_000,
            historyFrames: 3
        )
        var first = 0
        // Twice around all the address space for frames: six a transition.
        for _ in 0..<24 {
            run(replay, episodes: 10, steps: 1000, first: &first)
            let needed = replay.count * 20 + replay.frameCount * 32
            let found = residentBytes(replay)
            #expect(found == replay.residentBytes)
            #expect(found >= needed && found <= needed + 2 * PageRing.slackBytes)
        }
        #expect(replay.count == 20_000 && first > 2 * 6 * 20_000)
    }

    @Test("A byte capacity is kept to, in pages, through episodes of all lengths")
    func byteCapacity() {
        let capacity = 2_000_000
        let replay = ReplayBuffer(
            observationCount: 24,
            actionCount: 2,
            capacity: 1_000_000,
            historyFrames: 3,
            byteCapacity: capacity
        )
        var first = 0
        var fullest = 0
        for round in 0..<60 {
            let steps = [1, 1000, 7][round % 3]
            run(replay, episodes: 10_000 / steps, steps: steps, first: &first)
            let found = residentBytes(replay)
            #expect(found <= capacity && replay.residentBytes <= capacity)
            fullest = max(fullest, found)
        }
        #expect(fullest > capacity * 8 / 10)
    }

    @Test("Six frames of 23 numbers take a sixth of what stacked observations would")
    func history() {
        let replay = ReplayBuffer(
            observationCount: 6 * 23,
            actionCount: 9,
            capacity: 100_000,
            historyFrames: 6
        )
        var first = 0
        run(replay, episodes: 20, steps: 500, first: &first)
        #expect(replay.frameCount == 20 * (500 + 6))
        let stacked = 10_000 * 6 * 23 * 4
        let frames = residentBytes(replay.frames)
        #expect(Double(stacked) / Double(frames) > 5.8)
        // With actions, rewards and the next observations, which a plain buffer stores as well.
        let plain = 10_000 * (2 * 6 * 23 + 9 + 2) * 4
        #expect(Double(plain) / Double(residentBytes(replay)) > 8)
    }
}

@Suite("Pictures in a replay")
struct ReplayPictureTests {
    @Test("Each row gets the pictures of its frames, the first one repeated at the start")
    func pictures() {
        let size = 100
        let replay = ReplayBuffer(
            observationCount: 3,
            actionCount: 1,
            capacity: 50,
            historyFrames: 3,
            image: ImageLayout(height: 1, width: size, channels: 1, history: 3)
        )
        func picture(_ frame: Int) -> [UInt8] { (0..<size).map { UInt8((frame * 3 + $0) & 255) } }
        func frame(_ episode: Int, _ step: Int) -> Int { episode * 12 + max(0, step) }
        func window(_ episode: Int, _ step: Int) -> [Float] {
            (0..<3).map { Float(frame(episode, step - $0)) }
        }
        for episode in 0..<9 {
            for step in 0..<10 {
                let (now, next) = (window(episode, step), window(episode, step + 1))
                let pictures = (picture(frame(episode, step)), picture(frame(episode, step + 1)))
                let action: [Float] = [Float(episode)]
                replay.append(
                    observation: now.span,
                    pixels: pictures.0.span,
                    action: action.span,
                    reward: Float(step),
                    nextObservation: next.span,
                    nextPixels: pictures.1.span,
                    terminated: false
                )
            }
        }
        #expect(replay.frameCount == 5 * 13)
        for shown in 1...3 {
            let batch = ReplayBatch(
                observationCount: 3,
                actionCount: 1,
                size: 50,
                pixelCount: shown * size
            )
            var random = RandomSource(seed: 8)
            replay.sample(into: batch, rows: 0..<50, steps: 1, discount: 1, random: &random)
            for row in 0..<50 {
                let (episode, step) = (Int(batch.inputs[row, 3]), Int(batch.rewards[row]))
                let now = (0..<shown).flatMap { picture(frame(episode, step - $0)) }
                let next = (0..<shown).flatMap { picture(frame(episode, step + 1 - $0)) }
                #expect((0..<shown * size).map { batch.pixels[row, $0] } == now)
                #expect((0..<shown * size).map { batch.nextPixels[row, $0] } == next)
            }
        }
    }

    @Test("Frames with other pictures are other frames, even if their numbers agree")
    func sameNumbers() {
        let replay = ReplayBuffer(
            observationCount: 1,
            actionCount: 1,
            capacity: 9,
            image: ImageLayout(height: 1, width: 2, channels: 1)
        )
        let zero: [Float] = [0]
        func append(_ now: [UInt8], _ next: [UInt8]) {
            replay.append(
                observation: zero.span,
                pixels: now.span,
                action: zero.span,
                reward: 0,
                nextObservation: zero.span,
                nextPixels: next.span,
                terminated: false
            )
        }
        append([1, 2], [3, 4])
        append([3, 4], [5, 6])
        #expect(replay.frameCount == 3)
        append([5, 7], [8, 9])
        #expect(replay.frameCount == 5)
    }
}

// bcryptprimitives.dll for Wine 8, which has none: every Go program loads it first of all.
// It lends Go the two things that Wine 8 lacks.
#include <windows.h>
#include <winternl.h>
#include <string.h>

BOOLEAN NTAPI SystemFunction036(PVOID buffer, ULONG length);

// ProcessPrng is where Go gets its random bytes.
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T length)
{
    while (length > 0) {
        ULONG n = length > 0x40000000 ? 0x40000000 : (ULONG)length;
        if (!SystemFunction036(data, n)) {
            return FALSE;
        }
        data += n;
        length -= n;
    }
    return TRUE;
}

typedef NTSTATUS(NTAPI *SetInformation)(HANDLE, PIO_STATUS_BLOCK, PVOID, ULONG, ULONG);

static SetInformation wine_set_information;

// Wine 8 answers "not implemented" to the classes of Windows 10 that delete and rename a file in use.
// Go falls back on the older ones only for the answer older Windows gives; os.RemoveAll fails otherwise.
static NTSTATUS NTAPI set_information(HANDLE file, PIO_STATUS_BLOCK status, PVOID data, ULONG size, ULONG class)
{
    const ULONG disposition_ex = 64, rename_ex = 65;
    if (class == disposition_ex || class == rename_ex) {
        return (NTSTATUS)0xC0000003; // STATUS_INVALID_INFO_CLASS
    }
    return wine_set_information(file, status, data, size, class);
}

BOOL WINAPI DllMain(HINSTANCE self, DWORD reason, LPVOID reserved)
{
    enum { copied = 64 };
    static const BYTE start[] = {0x4c, 0x8b, 0xd1, 0xb8}; // mov r10, rcx; mov eax, number
    BYTE jump[] = {0x49, 0xbb, 0, 0, 0, 0, 0, 0, 0, 0, 0x41, 0xff, 0xe3}; // mov r11, address; jmp r11
    void *to = (void *)set_information;
    BYTE *call, *copy;
    DWORD old;

    if (reason != DLL_PROCESS_ATTACH) {
        return TRUE;
    }
    call = (BYTE *)GetProcAddress(GetModuleHandleA("ntdll.dll"), "NtSetInformationFile");
    if (call == NULL || memcmp(call, start, sizeof start) != 0) {
        return TRUE; // another Wine: leave it as it is
    }
    copy = VirtualAlloc(NULL, copied, MEM_COMMIT | MEM_RESERVE, PAGE_EXECUTE_READWRITE);
    if (copy == NULL || !VirtualProtect(call, sizeof jump, PAGE_EXECUTE_READWRITE, &old)) {
        return TRUE;
    }
    memcpy(copy, call, copied); // a system call's stub runs anywhere
    wine_set_information = (SetInformation)(void *)copy;
    memcpy(jump + 2, &to, sizeof to);
    memcpy(call, jump, sizeof jump);
    VirtualProtect(call, sizeof jump, old, &old);
    return TRUE;
}
